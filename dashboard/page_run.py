from .frame import frame
import streamlit as st
def page():
    frame(lambda look: st.write("run"))
