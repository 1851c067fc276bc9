"""The Train tab: four steps from pictures to a training that is watched. Trainings are separate processes, whose files the tab
reads.

frame.py              the list of steps, the open step, the start button
pictures.py           a zip, loose pictures, a folder, the sample set, a dataset on the Hub
check.py gallery.py   the report, classes, and the pictures as the network will see them
form.py plan.py formulas.py   the fields of a plan; its time on this machine, and the results to expect
handlers.py tab.py    the handlers of these steps; their layout and events
watch.py …            a run on the stage, and the list of runs
"""

from gan.ui.train.tab import connect_train, train_tab

__all__ = ["connect_train", "train_tab"]
