"""Frameworks that train: one file each, imported by its name alone (`lakeboard.integrations.keras`).

Nothing here is loaded by `import lakeboard`, and no framework is needed but the one that is asked for.
"""
