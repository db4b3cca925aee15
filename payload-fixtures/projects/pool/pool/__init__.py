"""Children started by multiprocessing and concurrent.futures."""
