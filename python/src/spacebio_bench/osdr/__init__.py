"""Studies from the NASA Open Science Data Repository: fetched, checked, in plain form."""
