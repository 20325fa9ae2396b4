"""What-if: which projects would be taken with so much money and so many clean-room slots, and why."""
