using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.DurableTask;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>JSON as the worker's default serializer writes and reads it.</summary>
internal sealed class JsonConverterOfWorker : DataConverter
{
    public static JsonConverterOfWorker Instance { get; } = new();

    public static JsonSerializerOptions Options { get; } = new() { PropertyNameCaseInsensitive = true };

    [return: NotNullIfNotNull(nameof(value))]
    public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), Options);

    [return: NotNullIfNotNull(nameof(data))]
    public override object? Deserialize(string? data, Type targetType) => data is null ? null : JsonSerializer.Deserialize(data, targetType, Options)!;
}
