collect_ignore = ["shelf"]  # students' answers, which shelves.py reads: not modules to import
