"""Why a number changed: exact additive trees of products (`lmdi`, `chain`) and of ratios (`mix`)."""
