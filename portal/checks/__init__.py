"""What the checks find in a project: listed, at the field, in the section, on the gate sheet; and answered."""
