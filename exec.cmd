@rem What a shell calls exec: Windows has none, and the scripts of package.json are the same everywhere.
@%*
