using AcmeShop.ReadModels.InvoiceSummary.V1;
using Projections.CommandLine;

return await ProjectionsProgram.RunAsync(args, typeof(InvoiceSummaryV1).Assembly);
