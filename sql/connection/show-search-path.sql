show search_path
