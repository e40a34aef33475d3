"""The dashboard: `streamlit run dashboard/app.py`, with the lake from LAKEBOARD_LAKE or ./lake.

One file, two lives. As the server's application it adds compressed transfer and the chart library's script; as the
script that Streamlit runs for every viewer it draws the page. `uvicorn lakeboard.dashboard.app:app` works as well.
"""

from __future__ import annotations

if __name__ == "__main__":
    from lakeboard.dashboard.shell import main

    main()
else:
    import streamlit as st

    from lakeboard.dashboard.adapters.browser import check_browser_side
    from lakeboard.dashboard.server.assets import middleware, routes

    check_browser_side()
    app = st.App(__file__, routes=routes(), middleware=middleware())
