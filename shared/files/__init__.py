"""What files that come in and files that go out agree on: their forms, their columns, and how a cell is written."""
