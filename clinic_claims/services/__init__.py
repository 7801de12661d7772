"""What people do with claims: one function a deed. Services never commit and never see HTTP."""
