"""All projects somebody may see, and the page of one."""
