using System.Collections.Immutable;
using System.Text.Json;

namespace ServerlessLoki.Cli.Load;

/// <summary>Input tensor in the protocol's metadata.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Datatype in the protocol's spelling, for example <c>FP32</c>.</param>
/// <param name="Shape">Dimensions; −1 = any.</param>
internal sealed record TensorSpec(string Name, string Datatype, ImmutableArray<long> Shape)
{
    /// <summary>True for an RGB image, height × width × 3 bytes.</summary>
    public bool IsImage => Datatype == "UINT8" && Shape.Length == 3 && Shape[2] == 3;

    /// <summary>Longest sound that the tensor takes, seconds; null where it takes none.</summary>
    public double? MaxSoundSeconds { get; init; }

    /// <summary>Reads the inputs in a model's metadata.</summary>
    public static ImmutableArray<TensorSpec> ReadAll(JsonElement metadata) =>
        [.. metadata.GetProperty("inputs").EnumerateArray().Select(static i => new TensorSpec(
            i.GetProperty("name").GetString()!, i.GetProperty("datatype").GetString()!,
            [.. i.GetProperty("shape").EnumerateArray().Select(static d => d.GetInt64())])
        {
            MaxSoundSeconds = i.TryGetProperty("parameters", out var parameters) ? JsonPeek.Number(parameters, "maxSoundSeconds") : null,
        })];

    /// <summary>Bytes of one element; null for types of variable size.</summary>
    public int? ElementBytes => Datatype switch
    {
        "BOOL" or "UINT8" or "INT8" => 1,
        "UINT16" or "INT16" or "FP16" => 2,
        "UINT32" or "INT32" or "FP32" => 4,
        "UINT64" or "INT64" or "FP64" => 8,
        _ => null,
    };
}
