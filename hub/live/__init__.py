"""The live layer: frames, connections as objects, and the node that feeds them. It knows no HTTP."""
