"""nbgrader's settings in the JupyterLab that `rollout-lab start` opens, with a clone around it or without."""

from rollout_lab.classroom.grade.validate import install

install()
