"""Where jobs run: one module per engine behind one seam of five verbs."""
