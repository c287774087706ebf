using System.Text.Json;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>The JSON part of one request, read token by token into pooled memory.</summary>
internal sealed class RequestJson(InferLimits limits, RequestMemory memory, QueryArguments? arguments = null)
{
    public FaultList Faults { get; } = new();

    public string? Id { get; private set; }

    public InferParameters Parameters { get; private set; } = new();

    public List<InputJson> Inputs { get; } = [];

    /// <summary>Requested outputs; null = all, since none were listed.</summary>
    public List<RequestedOutput>? Outputs { get; private set; }

    public bool BinaryOutput { get; private set; }

    public bool WantsProbabilities { get; private set; }

    public void Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Faults.Add("$", $"found {JsonText.Kind(reader.TokenType)}, a request is an object with 'inputs'");
            Faults.ThrowIfAny();
        }

        var (hasInputs, hasOutputs) = (false, false);
        while (JsonText.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                Id = JsonText.ReadOptionalName(ref reader, Faults, "$.id", limits.MaxNameLength);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                ReadParameters(ref reader);
            }
            else if (reader.ValueTextEquals("inputs"u8) && !hasInputs)
            {
                hasInputs = true;
                reader.Read();
                ReadInputs(ref reader, utf8.Length);
            }
            else if (reader.ValueTextEquals("outputs"u8) && !hasOutputs)
            {
                hasOutputs = true;
                reader.Read();
                ReadOutputs(ref reader);
            }
            else if (reader.ValueTextEquals("inputs"u8) || reader.ValueTextEquals("outputs"u8))
            {
                Faults.Add("$." + reader.GetString(), "given twice");
                reader.Read();
                reader.Skip();
            }
            else
            {
                // Unknown members are for servers of another version.
                reader.Read();
                reader.Skip();
            }
        }

        // Anything after the object is an error that the reader names itself.
        reader.Read();
        if (!hasInputs)
            Faults.Add("$.inputs", "missing; a request has at least one input");
        arguments?.End(Faults);
    }

    private void ReadParameters(ref Utf8JsonReader reader)
    {
        const string Path = "$.parameters";
        if (!JsonText.IsObject(ref reader, Faults, Path))
            return;
        while (JsonText.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(RequestParameters.Timeout))
            {
                reader.Read();
                var us = JsonText.ReadNumber(ref reader, Faults, Path + ".timeout", 1, InferParameters.MaxLatencyMs * 1000, "microseconds; leave it out for no bound");
                Parameters = Parameters.Within(us is { } t ? TimeSpan.FromMicroseconds(t) : null);
            }
            else if (reader.ValueTextEquals(RequestParameters.LatencyMs))
            {
                reader.Read();
                var ms = JsonText.ReadNumber(ref reader, Faults, Path + ".latency_ms", 0.001, InferParameters.MaxLatencyMs, "milliseconds; leave it out for no bound");
                Parameters = Parameters.Within(ms is { } t ? TimeSpan.FromMilliseconds(t) : null);
            }
            else if (reader.ValueTextEquals(RequestParameters.MinAccuracy))
            {
                reader.Read();
                var least = JsonText.ReadNumber(ref reader, Faults, Path + ".min_accuracy", 0, 1, "a share");
                Parameters = Parameters with { MinAccuracy = least };
            }
            else if (reader.ValueTextEquals(RequestParameters.Priority))
            {
                reader.Read();
                JsonText.ReadNumber(ref reader, Faults, Path + ".priority", 0, 0, "the default; the query that is due first runs first: set latency_ms");
            }
            else if (reader.ValueTextEquals(RequestParameters.Probabilities))
            {
                reader.Read();
                WantsProbabilities = JsonText.ReadBool(ref reader, Faults, Path + ".probabilities") ?? false;
            }
            else if (reader.ValueTextEquals(RequestParameters.BinaryOutput))
            {
                reader.Read();
                BinaryOutput = JsonText.ReadBool(ref reader, Faults, Path + ".binary_data_output") ?? false;
            }
            else if (arguments?.TryRead(ref reader, Faults) != true)
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private void ReadInputs(ref Utf8JsonReader reader, int jsonBytes)
    {
        if (!JsonText.IsArray(ref reader, Faults, "$.inputs"))
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Inputs.Count == limits.MaxTensors)
                throw ApiFaultException.Bad($"$.inputs: more than {limits.MaxTensors} inputs.");
            var input = new InputJson();
            input.Read(ref reader, Faults, $"$.inputs[{Inputs.Count}]", limits, jsonBytes, memory);
            if (Inputs.Exists(i => i.Name == input.Name && input.Name.Length > 0))
                Faults.Add($"$.inputs[{Inputs.Count}].name", $"'{input.Name}' is given twice");
            Inputs.Add(input);
        }

        if (Inputs.Count == 0)
            Faults.Add("$.inputs", "empty; a request has at least one input");
    }

    private void ReadOutputs(ref Utf8JsonReader reader)
    {
        Outputs = [];
        var any = false;
        if (!JsonText.IsArray(ref reader, Faults, "$.outputs"))
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Outputs.Count == limits.MaxTensors)
                throw ApiFaultException.Bad($"$.outputs: more than {limits.MaxTensors} outputs.");
            any = true;
            ReadOutput(ref reader, $"$.outputs[{Outputs.Count}]");
        }

        if (!any)
            Outputs = null;
    }

    private void ReadOutput(ref Utf8JsonReader reader, string path)
    {
        string? name = null;
        (bool? Binary, int? Classes, bool IsPng) form = default;
        if (!JsonText.IsObject(ref reader, Faults, path))
            return;
        while (JsonText.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = JsonText.ReadName(ref reader, Faults, path + ".name", limits.MaxNameLength);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                form = ReadOutputParameters(ref reader, path + ".parameters");
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (name is null)
            Faults.Add(path + ".name", "missing");
        else if (Outputs!.Exists(o => o.Name == name))
            Faults.Add(path + ".name", $"'{name}' is given twice");
        else
            Outputs.Add(new RequestedOutput(name, form.Binary, form.Classes, form.IsPng));
    }

    private (bool? Binary, int? Classes, bool IsPng) ReadOutputParameters(ref Utf8JsonReader reader, string path)
    {
        (bool? Binary, int? Classes, bool IsPng) form = default;
        if (!JsonText.IsObject(ref reader, Faults, path))
            return form;
        while (JsonText.NextProperty(ref reader))
        {
            var (isBinary, isClasses, isPng) = (reader.ValueTextEquals("binary_data"u8), reader.ValueTextEquals("classification"u8), reader.ValueTextEquals("png"u8));
            if (reader.ValueTextEquals("shared_memory_region"u8))
                Faults.Add($"{path}.{reader.GetString()}", "not supported");
            reader.Read();
            if (isBinary)
                form.Binary = JsonText.ReadBool(ref reader, Faults, path + ".binary_data");
            else if (isPng)
                form.IsPng = JsonText.ReadBool(ref reader, Faults, path + ".png") ?? false;
            else if (isClasses)
                form.Classes = (int?)JsonText.ReadNumber(ref reader, Faults, path + ".classification", 1, BestClasses.Most, "the best so many classes", whole: true);
            else
                reader.Skip();
        }

        return form;
    }
}
