"""Parts that all pages share: access marks, form fields, tables, HTML components, times in words."""
