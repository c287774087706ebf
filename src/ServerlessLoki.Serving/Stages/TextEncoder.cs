using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Encoder of a text or a pair of texts to a row of a model's inputs: ids, mask and types. Thread-safe.</summary>
/// <remarks>Rows are padded, under the mask, to a multiple of a step, so that texts of similar length share a batch.</remarks>
internal sealed class TextEncoder
{
    private const int MostCharacters = 1 << 20, CharactersPerToken = 100;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly TextInputs _inputs;
    private readonly TextVocabulary _vocabulary;
    private readonly int _most;
    private readonly int _step;
    private readonly bool _keepsPlaces;

    private TextEncoder(TextInputs inputs, TextVocabulary vocabulary, TextForm form, bool keepsPlaces)
    {
        _keepsPlaces = keepsPlaces;
        (_inputs, _vocabulary, _most) = (inputs, vocabulary, Math.Min(form.MaxLength, inputs.FixedLength ?? form.MaxLength));
        // Without a mask the model would take padding for text.
        _step = inputs.Mask is null ? 1 : form.PadTo;
    }

    /// <summary>Mask input of the model; null where it has none.</summary>
    public ModelTensor? Mask => _inputs.Mask;

    /// <summary>Lists why texts cannot become this model's input; empty when they can.</summary>
    /// <param name="model">The model.</param>
    /// <param name="form">Conversion of texts.</param>
    /// <param name="tokenizer">Full path of the tokenizer file.</param>
    /// <param name="keepsPlaces">True where an answer is found in the second text.</param>
    public static List<string> Faults(OnnxModel model, TextForm form, string tokenizer, bool keepsPlaces = false)
    {
        TryCreate(model, form, tokenizer, keepsPlaces, out var faults);
        return faults;
    }

    /// <summary>Makes an encoder for a model.</summary>
    /// <exception cref="ModelException">The model takes no texts, or the tokenizer cannot be read; says all of it.</exception>
    public static TextEncoder Of(OnnxModel model, TextForm form, string tokenizer, bool keepsPlaces = false) => TryCreate(model, form, tokenizer, keepsPlaces, out var faults)
        ?? throw new ModelException($"Model '{model.Name}' takes no texts so: {string.Join("; ", faults)}.");

    private static TextEncoder? TryCreate(OnnxModel model, TextForm form, string tokenizer, bool keepsPlaces, out List<string> faults)
    {
        faults = [];
        var inputs = TextInputs.Of(model, form, faults);
        if (inputs is { Mask: null, FixedLength: { } length })
            faults.Add($"it takes {length} tokens and has no mask, so shorter texts cannot be told from padding: export it with a mask, or with an open length");
        try
        {
            var vocabulary = TextVocabulary.Read(tokenizer, form);
            if (keepsPlaces && !vocabulary.KeepsPlaces)
                faults.Add("tokens of a SentencePiece model, or of byte pairs in lower case, cannot be traced back to their text: an answer needs vocab.txt, or vocab.json without \"lowerCase\"");
            return inputs is not null && faults.Count == 0 ? new TextEncoder(inputs, vocabulary, form, keepsPlaces) : null;
        }
        catch (ModelException exception)
        {
            faults.Add(exception.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <summary>Sets a row.</summary>
    /// <param name="texts">Elements of a BYTES tensor: one text, or two.</param>
    /// <param name="runner">Runner of the model.</param>
    /// <param name="row">Row of the forming batch.</param>
    /// <returns>Second text with the positions of its tokens; null where the task asks for no answer.</returns>
    /// <exception cref="ModelException">There are more texts, or one is no UTF-8, or there is not a single token; an answer needs two.</exception>
    public EncodedText? Set(ReadOnlyMemory<byte> texts, LooseRunner runner, int row)
    {
        var (ids, second, places) = Encode(texts);
        var count = ids.Count;
        var length = _inputs.FixedLength ?? Math.Min(_most, (count + _step - 1) / _step * _step);
        length = Math.Max(length, count);
        Set(_inputs.Ids, i => i < count ? ids[i] : _vocabulary.Pad);
        if (_inputs.Mask is { } mask)
            Set(mask, i => i < count ? 1 : 0);
        if (_inputs.Types is { } types)
            Set(types, i => i >= second && i < count ? 1 : 0);
        return places;

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

    /// <summary>Encodes texts to ids with special tokens; returns also where the second text begins.</summary>
    private (List<int> Ids, int Second, EncodedText? Places) Encode(ReadOnlyMemory<byte> texts)
    {
        var parts = TextElements.Of(texts).Select(Text).ToList();
        if (parts.Count is not (1 or 2))
            throw new ModelException($"The query has {parts.Count} texts: one or two are taken.");
        if (_keepsPlaces && parts.Count != 2)
            throw new ModelException("The query has one text: an answer needs two, a question and its context.");
        var first = _vocabulary.Ids(parts[0]);
        var places = new List<(int Start, int End)>();
        var second = parts.Count < 2 ? null : _keepsPlaces ? _vocabulary.Ids(parts[1], places) : _vocabulary.Ids(parts[1]);
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
        var found = _keepsPlaces ? new EncodedText(parts[1], begin, [.. places.Take(second!.Count)], !_vocabulary.First.IsEmpty) : null;
        return ids.Count > 0 ? (ids, begin, found) : throw new ModelException("The query's text is empty: the tokenizer makes no token of it.");
    }

    /// <summary>Cuts tokens beyond the limit: of two texts the longer one down to the other, then both alike. An odd token stays with the
    /// longer one, of equal ones with the second, as in Hugging Face's fast tokenizers.</summary>
    private void Cut(List<int> first, List<int>? second)
    {
        var specials = _vocabulary.First.Length + _vocabulary.Last.Length + (second is null ? 0 : _vocabulary.Between.Length);
        var room = Math.Max(0, _most - specials);
        var (shorter, longer) = second is null ? ([], first) : first.Count > second.Count ? (second, first) : (first, second);
        if (shorter.Count + longer.Count <= room)
            return;
        Shorten(longer, Math.Max(room / 2 + (room % 2), room - shorter.Count));
        Shorten(shorter, room - longer.Count);
    }

    private static void Shorten(List<int> ids, int to)
    {
        if (ids.Count > to)
            ids.RemoveRange(to, ids.Count - to);
    }

    /// <summary>Decodes the beginning of a text only: text far behind the last token that the model takes is skipped.</summary>
    private string Text(ReadOnlyMemory<byte> utf8)
    {
        // A token has far fewer characters, a character at most four bytes; what is cut in its middle is left out.
        var most = (int)Math.Min(MostCharacters, (long)_most * CharactersPerToken);
        var bytes = utf8.Span;
        if (bytes.Length > 4L * most)
        {
            var end = 4 * most;
            while (end > 0 && (bytes[end] & 0xC0) == 0x80)
                end--;
            bytes = bytes[..end];
        }

        try
        {
            var text = s_strict.GetString(bytes);
            return text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
        }
        catch (DecoderFallbackException)
        {
            throw new ModelException("The query's text is not UTF-8.");
        }
    }
}
