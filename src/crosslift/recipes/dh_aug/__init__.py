"""DH-AUG: Huang, Liang, Deng, "DH-AUG: DH forward kinematics model driven augmentation for 3D human
pose estimation", ECCV 2022.

The kinematic body is `crosslift.kinematics`, the networks are `networks.angle_generator` and
`networks.critics`, what the generator's numbers mean is in `augment.dh_body`. Here are the players
(`players`), what critics are shown (`shown`), their moves (`moves`), what the lifter learns
(`learning`), who notices when the game is lost (`watch`), and what is told of what is made
(`diagnosis`, `gallery`). `recipes.dh_training` is the whole.
"""
