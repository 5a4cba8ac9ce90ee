"""Keys and what is done with them: codes, sealed files, signed notes, the directory."""
