"""The review servers, one folder for each kind; `table.FORGES` lists them. No Flask, no database."""
