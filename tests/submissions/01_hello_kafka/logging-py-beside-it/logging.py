def log(text):
    print("LOG:", text)
