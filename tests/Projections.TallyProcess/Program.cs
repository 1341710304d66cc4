// The program of the tallies, so that a test can kill a worker that folds versions of which some rows alone differ: as the one of the invoices otherwise.
using Projections.CommandLine;

return await ProjectionsProgram.RunAsync(args);
