using Projections.CommandLine;

// Read models come from the assemblies that are named: --assembly Shop.ReadModels.dll
return await ProjectionsProgram.RunAsync(args);
