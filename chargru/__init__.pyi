"""The names that `import chargru` gives, and where each comes from: read by type checkers, and by `__init__.py`."""

from chargru.errors import ChargruError as ChargruError
from chargru.insight.ablation import ablate as ablate
from chargru.insight.agreement import agreement as agreement
from chargru.insight.comparison import compare as compare
from chargru.insight.exploration import explore as explore
from chargru.insight.gates import gates as gates
from chargru.insight.gradient import gradient as gradient
from chargru.insight.jacobian import jacobian as jacobian
from chargru.insight.ledger import ledger as ledger
from chargru.insight.proof.prove import prove as prove
from chargru.insight.surprise import surprise as surprise
from chargru.insight.trace import Trace as Trace
from chargru.insight.trace import trace as trace
from chargru.insight.weight_gradient import weight_gradient as weight_gradient
from chargru.model import Model as Model
from chargru.run import load as load
from chargru.run_curves import curves as curves
from chargru.run_summary import runs as runs
from chargru.sampling import sample as sample
from chargru.scoring import evaluate as evaluate
from chargru.show.formats import show as show
from chargru.training.retrain import retrain as retrain
from chargru.training.train import train as train

__version__: str
__all__: list[str]
