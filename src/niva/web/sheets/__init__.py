"""The content plan as a spreadsheet, in and out, and for the client's eyes."""
