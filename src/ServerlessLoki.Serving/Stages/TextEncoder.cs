using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>A text or a pair of texts → a row of a model's inputs: ids, mask and types. Thread-safe.</summary>
/// <remarks>Rows are padded, under the mask, to a length of steps: so texts of like length share a batch.</remarks>
internal sealed class TextEncoder
{
    private readonly TextInputs _inputs;
    private readonly TextVocabulary _vocabulary;
    private readonly int _most;
    private readonly int _step;

    private TextEncoder(TextInputs inputs, TextVocabulary vocabulary, TextForm form)
    {
        (_inputs, _vocabulary, _most) = (inputs, vocabulary, Math.Min(form.MaxLength, inputs.FixedLength ?? form.MaxLength));
        // Without a mask the model would take padding for text.
        _step = inputs.Mask is null ? 1 : form.PadTo;
    }

    /// <summary>All that speaks against texts for this model; empty when nothing does.</summary>
    public static List<string> Faults(OnnxModel model, TextForm form, string tokenizer)
    {
        TryCreate(model, form, tokenizer, out var faults);
        return faults;
    }

    /// <summary>An encoder for a model.</summary>
    /// <exception cref="ModelException">The model takes no texts, or the tokenizer cannot be read; says all of it.</exception>
    public static TextEncoder Of(OnnxModel model, TextForm form, string tokenizer) => TryCreate(model, form, tokenizer, out var faults)
        ?? throw new ModelException($"Model '{model.Name}' takes no texts so: {string.Join("; ", faults)}.");

    private static TextEncoder? TryCreate(OnnxModel model, TextForm form, string tokenizer, out List<string> faults)
    {
        faults = [];
        var inputs = TextInputs.Of(model, form, faults);
        if (inputs is { Mask: null, FixedLength: { } length })
            faults.Add($"it takes {length} tokens and has no mask, so shorter texts cannot be told from padding: export it with a mask, or with an open length");
        try
        {
            var vocabulary = TextVocabulary.Read(tokenizer, form);
            return inputs is not null && faults.Count == 0 ? new TextEncoder(inputs, vocabulary, form) : null;
        }
        catch (ModelException exception)
        {
            faults.Add(exception.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <summary>Sets a row.</summary>
    /// <param name="texts">Elements of a BYTES tensor: one text, or two.</param>
    /// <param name="runner">The model's.</param>
    /// <param name="row">Row of the forming batch.</param>
    /// <exception cref="ModelException">There are more texts, or one is no UTF-8, or there is not a single token.</exception>
    public void Set(ReadOnlyMemory<byte> texts, LooseRunner runner, int row)
    {
        var (ids, second) = Encode(texts);
        var count = ids.Count;
        var length = _inputs.FixedLength ?? Math.Min(_most, (count + _step - 1) / _step * _step);
        length = Math.Max(length, count);
        Set(_inputs.Ids, i => i < count ? ids[i] : _vocabulary.Pad);
        if (_inputs.Mask is { } mask)
            Set(mask, i => i < count ? 1 : 0);
        if (_inputs.Types is { } types)
            Set(types, i => i >= second && i < count ? 1 : 0);

        void Set(ModelTensor input, Func<int, int> value)
        {
            var bytes = new byte[length * input.ElementBytes];
            for (var i = 0; i < length; i++)
            {
                switch (input.Datatype)
                {
                    case "INT64": MemoryMarshal.Cast<byte, long>(bytes.AsSpan())[i] = value(i); break;
                    case "INT32": MemoryMarshal.Cast<byte, int>(bytes.AsSpan())[i] = value(i); break;
                    default: MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[i] = value(i); break;
                }
            }

            runner.Set(row, input.Index, new LooseRow([length], bytes));
        }
    }

    /// <summary>Ids with special tokens, and where the second text begins.</summary>
    private (List<int> Ids, int Second) Encode(ReadOnlyMemory<byte> texts)
    {
        var parts = TextElements.Of(texts).Select(Text).ToList();
        if (parts.Count is not (1 or 2))
            throw new ModelException($"The query has {parts.Count} texts: one or two are taken.");
        var first = _vocabulary.Ids(parts[0]);
        var second = parts.Count == 2 ? _vocabulary.Ids(parts[1]) : null;
        Cut(first, second);
        List<int> ids = [.. _vocabulary.First, .. first];
        var begin = int.MaxValue;
        if (second is not null)
        {
            ids.AddRange(_vocabulary.Between);
            begin = ids.Count;
            ids.AddRange(second);
        }

        ids.AddRange(_vocabulary.Last);
        return ids.Count > 0 ? (ids, begin) : throw new ModelException("The query's text is empty: the tokenizer makes no token of it.");
    }

    /// <summary>Cuts what is too long, of two texts the longer one first.</summary>
    private void Cut(List<int> first, List<int>? second)
    {
        var specials = _vocabulary.First.Length + _vocabulary.Last.Length + (second is null ? 0 : _vocabulary.Between.Length);
        var room = Math.Max(0, _most - specials);
        while (first.Count + (second?.Count ?? 0) > room)
        {
            var longer = second is not null && second.Count > first.Count ? second : first;
            var other = longer == first ? second?.Count ?? 0 : first.Count;
            // Down to the other's length at once, then in turn.
            var to = Math.Max(Math.Min(other, longer.Count - 1), room - other);
            longer.RemoveRange(to, longer.Count - to);
        }
    }

    private static string Text(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new ModelException("The query's text is not UTF-8.");
        }
    }
}
