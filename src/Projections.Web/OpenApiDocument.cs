using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Web.Endpoints;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>The OpenAPI document of the endpoints, made from the endpoints themselves.</summary>
internal static class OpenApiDocument
{
    public const string Path = "/openapi.json";

    public static void AddTo(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddOperationTransformer(DescribeCommandIdAsync);
        options.AddOperationTransformer(DescribeDatabaseAsync);
        options.AddSchemaTransformer(AsConvertedAsync);
    });

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapOpenApi(Path).AllowAnonymous();

    private static Task DescribeAsync(Microsoft.OpenApi.OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Projections",
            Version = "1",
            Description = "Rebuilds read models beside the live ones, and switches reads to them atomically.",
        };
        // Where the document was read from is where the service is; a proxy may have another name for it.
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [CallerAuthentication.SchemeName] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key made by 'projections api-key'. Not needed where none are configured.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(CallerAuthentication.SchemeName, document)] = [] }];
        return Task.CompletedTask;
    }

    // An attribute at the parameter would be the place, if .NET's document maker could read it there.
    private static Task DescribeCommandIdAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters?.Where(parameter => parameter.Name == CommandCall.IdHeader) ?? [])
        {
            parameter.Description = "An id of this command; sent a second time, it does nothing. A GUID is the command's id at every door.";
        }

        return Task.CompletedTask;
    }

    private static Task DescribeDatabaseAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<System.Reflection.MethodInfo>().FirstOrDefault() is { } method && method.GetParameters().Any(AsksForDatabase))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = ChosenDatabase.Parameter,
                In = ParameterLocation.Query,
                Description = "The database, where the program serves several.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        return Task.CompletedTask;
    }

    private static bool AsksForDatabase(System.Reflection.ParameterInfo parameter) =>
        parameter.ParameterType == typeof(ChosenDatabase) || parameter.ParameterType == typeof(CommandCall);

    // Written by converters of their own, of which the schema's maker knows nothing.
    private static Task AsConvertedAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(EventPosition) || type == typeof(ProjectionName))
        {
            schema.Type = context.JsonTypeInfo.Type == type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }

        if (context.JsonPropertyInfo?.CustomConverter is TimeIn)
        {
            (schema.Type, schema.Format, schema.Pattern) = (JsonSchemaType.Number, null, null);
        }

        return Task.CompletedTask;
    }
}
