"""Load → compute → save. The only room that joins the store with the rooms that compute."""
