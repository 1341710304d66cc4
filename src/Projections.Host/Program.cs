using Projections.Host;

return await CommandLine.RunAsync(args);
