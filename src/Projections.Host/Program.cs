using Projections.CommandLine;
using Projections.ReadModels.InvoiceSummary.V1;

return await ProjectionsProgram.RunAsync(args, typeof(InvoiceSummaryV1).Assembly);
