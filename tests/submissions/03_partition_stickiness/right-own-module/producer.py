import sys

from sending import send_file

if __name__ == "__main__":
    send_file(sys.argv[1])
