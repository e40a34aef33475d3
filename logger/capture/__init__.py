"""What a program prints, on its way into the lake: taken at the streams, cleaned, spooled, sent in parts."""
