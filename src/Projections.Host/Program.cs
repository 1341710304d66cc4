using Projections.Host;
using Projections.ReadModels.InvoiceSummary.V1;

// Where the read models are declared. A team names its own assembly here in place of the examples' one.
return await CommandLine.RunAsync(args, typeof(InvoiceSummaryV1).Assembly);
