// What one test measures is not to be mixed with what another one does.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
