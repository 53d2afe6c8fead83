collect_ignore = ["make_29276af.py"]  # it runs on that commit alone
