using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Facts of an ONNX file that ONNX Runtime does not give: operator sets, exporter, and the operator that makes a tensor.</summary>
/// <param name="Opsets">Version by domain; the empty domain is ONNX's own.</param>
/// <param name="Producer">Exporter and its version; null where the file names none.</param>
internal sealed record OnnxFile(ImmutableSortedDictionary<string, long> Opsets, string? Producer)
{
    // Field numbers of onnx.proto.
    private const int ProducerName = 2, ProducerVersion = 3, Graph = 7, OpsetImport = 8, GraphNode = 1;

    /// <summary>Operators that change a tensor's form only.</summary>
    private static readonly string[] s_formal = ["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "QuantizeLinear", "DequantizeLinear"];

    private readonly Dictionary<string, Node> _makers = new(StringComparer.Ordinal);

    /// <summary>Domains of the graph's operators other than ONNX's own.</summary>
    public ImmutableSortedSet<string> Domains { get; private init; } = [];

    /// <summary>Finds the operator that makes a tensor, skipping those that only change its form; null where there is none.</summary>
    public string? MakerOf(string tensor)
    {
        for (var steps = 0; steps < 16 && _makers.TryGetValue(tensor, out var node); steps++)
        {
            if (!s_formal.Contains(node.Operator, StringComparer.Ordinal))
                return node.Operator;
            tensor = node.Input;
        }

        return null;
    }

    /// <summary>Returns why a file of that size cannot be opened; null if it can.</summary>
    public static string? SizeFault(long bytes, long memory)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB");
        if (bytes > int.MaxValue)
            return $"it has {size}, and an ONNX file has at most 2 GiB: export it with external data (onnx.save(…, save_as_external_data=True))";
        return bytes <= memory ? null
            : string.Create(CultureInfo.InvariantCulture, $"it has {size}, and this process may use {memory / (double)(1 << 30):0.0} GiB of memory: take a larger machine, or quantise the model");
    }

    /// <summary>Reads a file without its weights.</summary>
    /// <exception cref="BadInputException">The file is missing, no ONNX model, or too large.</exception>
    public static OnnxFile Read(FileInfo file)
    {
        if (!file.Exists)
            throw new BadInputException($"MODEL: {(Directory.Exists(file.FullName) ? $"'{file}' is a folder, allowed: an ONNX file" : $"there is no file '{file}'")}");
        // A pipe or a device has no length either: opening it would wait for ever.
        if (file.Length == 0)
            throw new BadInputException($"MODEL: '{file}' is empty, or no regular file");
        if (SizeFault(file.Length, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) is { } fault)
            throw new BadInputException($"MODEL: '{file}' cannot be opened: {fault}");
        try
        {
            using var stream = file.OpenRead();
            return Read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new BadInputException($"MODEL: '{file}' is no ONNX model, or is damaged: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"MODEL: '{file}' cannot be read: {e.Message}");
        }
    }

    internal static OnnxFile Read(Stream stream)
    {
        var fields = new ProtoFields(stream);
        var opsets = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        var nodes = new List<Node>();
        var (name, version, hasGraph) = ("", "", false);
        while (fields.Read(stream.Length))
        {
            switch (fields.Field)
            {
                case ProducerName: name = fields.Text(); break;
                case ProducerVersion: version = fields.Text(); break;
                case OpsetImport: ReadOpset(fields, opsets); break;
                case Graph: (hasGraph, _) = (true, ReadNodes(fields, nodes)); break;
                default: break;
            }
        }

        if (!hasGraph || opsets.Count == 0)
            throw new InvalidDataException("it holds no graph with operator sets");
        var file = new OnnxFile(opsets.ToImmutable(), name.Length == 0 ? null : $"{name} {version}".TrimEnd())
        {
            Domains = [.. nodes.Select(static n => n.Domain).Where(static d => d is not ("" or "ai.onnx"))],
        };
        foreach (var node in nodes)
        {
            foreach (var output in node.Outputs)
                file._makers.TryAdd(output, node);
        }

        return file;
    }

    private static void ReadOpset(ProtoFields fields, ImmutableSortedDictionary<string, long>.Builder opsets)
    {
        var (end, domain, version) = (fields.Enter(), "", 0L);
        while (fields.Read(end))
        {
            if (fields.Field == 1)
                domain = fields.Text();
            else if (fields.Field == 2)
                version = fields.Number;
        }

        opsets[domain == "ai.onnx" ? "" : domain] = version;
    }

    private static int ReadNodes(ProtoFields fields, List<Node> nodes)
    {
        var end = fields.Enter();
        while (fields.Read(end))
        {
            if (fields.Field == GraphNode)
                nodes.Add(ReadNode(fields));
        }

        return nodes.Count;
    }

    private static Node ReadNode(ProtoFields fields)
    {
        var end = fields.Enter();
        string? input = null;
        var (outputs, kind, domain) = (new List<string>(), "", "");
        while (fields.Read(end))
        {
            switch (fields.Field)
            {
                case 1: input ??= fields.Text(); break;
                case 2: outputs.Add(fields.Text()); break;
                case 4: kind = fields.Text(); break;
                case 7: domain = fields.Text(); break;
                default: break;
            }
        }

        return new Node(kind, domain, input ?? "", outputs);
    }

    private sealed record Node(string Operator, string Domain, string Input, List<string> Outputs);
}
