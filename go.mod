module github.com/assay-dev/assay

go 1.26
