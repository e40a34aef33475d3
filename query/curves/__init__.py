"""From points to what is drawn: placed, smoothed, thinned, averaged."""
