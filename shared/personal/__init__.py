"""What tells who a person is, and how it is forgotten.

A column says so itself (`info={"personal": True}`). The row holds it as it is; wherever else a copy would stay behind, in the
history and in kept answers, it is encrypted with a key of that person, and to erase the person is to destroy the key.

    trainer.erase()                               # blanks the row
    await erase(session, trainer, TrainerErased)  # destroys the key, then records the change without a word of what was there
"""
