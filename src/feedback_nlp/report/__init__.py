"""What a manager looks at: an Excel workbook, one HTML page and a table in the terminal, all from one `Summary`."""
