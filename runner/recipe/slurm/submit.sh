#!/bin/sh
# Grades the class on the cluster. Once more, it goes on: what is graded and has not changed is not graded again.
set -eu
cd "$(dirname "$0")"
mkdir -p results
array=$(sbatch --parsable grade.sbatch)
# "4711;cluster" where there are several.
array=${array%%;*}
gradebook=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes gradebook.sbatch)
echo "$array grades, then ${gradebook%%;*} writes gradebook.csv and report/; squeue --me shows how far they are"
