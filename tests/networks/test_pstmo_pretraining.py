"""P-STMO's first stage: what is hidden stays hidden, and what is learned is carried over."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.pstmo import PSTMO, PSTMO_S_81, PSTMOSettings
from crosslift.networks.pstmo_pretraining import (
    S_3DHP_81,
    Masking,
    Masks,
    PSTMOPretraining,
    draw_masks,
    start_from,
)

from .test_pstmo import batch_norm, layer, norm, shared_parts, weights

SMALL = PSTMOSettings(frames=9, strides=(3, 3), joints=5, width=16, hidden=24, depth=2)


HALF = Masking(share=0.5, joints=2)


def masks(seed: int = 0, settings: PSTMOSettings = SMALL, masking: Masking = HALF) -> Masks:
    return draw_masks(settings, masking, torch.Generator().manual_seed(seed))


def test_the_state_dict_has_the_published_names_in_their_order():
    expected = {
        "dec_pos_embedding": (1, 81, 128),
        "mask_token": (1, 1, 128),
        "spatial_mask_token": (1, 1, 2),
    } | shared_parts(81, 3)
    for number in range(2):
        expected |= layer(f"Transformer_dec.model.layers.{number}", 128, 256)
    expected |= norm("Transformer_dec.model.norm", 128)
    expected |= {"encoder_to_decoder.weight": (128, 256)} | norm("encoder_LN", 256)
    expected |= batch_norm("fcn_dec.0", 128) | weights("fcn_dec.1", 34, 128, 1)
    with torch.device("meta"):
        state = PSTMOPretraining(PSTMO_S_81).state_dict()
    assert len(state) == 121
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(expected.items())


def test_masks_hide_what_was_asked_for_and_never_the_last_joint():
    drawn = masks(settings=PSTMO_S_81, masking=S_3DHP_81)
    assert drawn.frames.sum() == 56
    assert (drawn.joints.sum(dim=-1) == 2).all()
    assert not drawn.joints[:, 16].any()
    assert drawn.joints[:, :16].any(dim=0).all()


def test_masks_repeat_with_the_same_generator_only():
    for own, again, other in zip(masks(1), masks(1), masks(2), strict=True):
        assert torch.equal(own, again)
        assert not torch.equal(own, other)


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_all_frames_are_restored(batch):
    restored = PSTMOPretraining(SMALL).eval()(torch.randn(batch, 9, 5, 2), masks())
    assert restored.shape == (batch, 9, 5, 2)


def test_what_is_hidden_has_no_influence():
    torch.manual_seed(0)
    network, keypoints, hidden = PSTMOPretraining(SMALL).eval(), torch.randn(2, 9, 5, 2), masks()
    restored = network(keypoints, hidden)
    other = keypoints.clone()
    other[:, hidden.frames] = 100
    other[:, hidden.joints] = -100
    assert torch.equal(network(other, hidden), restored)
    shown = (~hidden.frames).nonzero()[0, 0]
    joint = (~hidden.joints[shown]).nonzero()[0, 0]
    other[:, shown, joint] = 100
    assert not torch.equal(network(other, hidden), restored)


def test_nothing_hidden_is_all_frames_in_their_order():
    torch.manual_seed(0)
    network, keypoints = PSTMOPretraining(SMALL).eval(), torch.randn(2, 9, 5, 2)
    nothing = Masks(torch.zeros(9, dtype=torch.bool), torch.zeros(9, 5, dtype=torch.bool))
    tokens = network.encoder_LN(network.Transformer(network.encoder(keypoints)))
    tokens = network.encoder_to_decoder(tokens) + network.dec_pos_embedding
    expected = network.fcn_dec(network.Transformer_dec["model"](tokens).mT).mT
    assert_close(network(keypoints, nothing), expected.reshape(2, 9, 5, 2))


def test_every_parameter_is_trained_but_the_unused_norms():
    torch.manual_seed(0)
    network = PSTMOPretraining(SMALL).train()
    network(torch.randn(4, 9, 5, 2), masks()).square().sum().backward()
    still = {name for name, value in network.named_parameters() if value.grad is None}
    unused = norm("Transformer.model.norm", 16) | norm("Transformer_dec.model.norm", 8)
    assert still == set(unused)


def test_the_lifter_starts_from_what_both_have():
    network, lifter = PSTMOPretraining(SMALL), PSTMO(SMALL)
    own = {name: value.clone() for name, value in lifter.state_dict().items()}
    start_from(lifter, network)
    learned, state = network.state_dict(), lifter.state_dict()
    for name, value in state.items():
        common = name.startswith(("encoder.", "Transformer."))
        assert torch.equal(value, learned[name] if common else own[name])


def test_common_parts_have_the_published_number_of_entries():
    with torch.device("meta"):
        states = [kind(PSTMO_S_81).state_dict() for kind in (PSTMO, PSTMOPretraining)]
    assert len(states[0].keys() & states[1].keys()) == 74


def test_a_first_stage_of_other_settings_is_refused():
    lifter = PSTMO(PSTMOSettings(frames=9, strides=(3, 3), joints=5, width=32, hidden=24))
    with pytest.raises(SettingsError, match="own settings, .*width=32.* given one of .*width=16"):
        start_from(lifter, PSTMOPretraining(SMALL))


def test_impossible_masks_are_refused():
    with pytest.raises(SettingsError, match='"share" of Masking is a share .* 1.0 was given'):
        Masking(share=1.0)
    with pytest.raises(SettingsError, match="Of 5 joints up to 4 can be hidden, but 5 were"):
        masks(masking=Masking(0.5, 5))
    with pytest.raises(DataError, match=r"takes 9 frames x 5 joints, but .* shape \(8, 5\)"):
        wrong = Masks(torch.zeros(9, dtype=torch.bool), torch.zeros(8, 5, dtype=torch.bool))
        PSTMOPretraining(SMALL)(torch.randn(1, 9, 5, 2), wrong)
