"""A workspace on which one exercise is written, right and wrong."""

from grader.workspace import Workspace

STUB = '    raise NotImplementedError("losses.mse_loss")\n'
RIGHT = """    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size
"""
WRONG = RIGHT.replace("np.mean(", "np.sum(")
LOOP = "    while True:\n        pass\n"


class Desk:
    """A workspace, and saves in it."""

    def __init__(self, root, topics):
        self.home, _ = Workspace.create(root, topics)
        self.root = root
        self.file = root / "losses.py"
        self.stubs = self.file.read_text(encoding="utf-8")

    def text(self, body):
        assert self.stubs.count(STUB) == 1
        return self.stubs.replace(STUB, body)

    def write(self, body):
        """Save as many editors do: a new file takes the old one's name."""
        beside = self.root / "losses.py~"
        beside.write_text(self.text(body), encoding="utf-8")
        beside.replace(self.file)
