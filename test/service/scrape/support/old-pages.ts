/** Pages in the markup of 1999, which is still in use. */

export const OLD_TABLE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML>
<HEAD>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; CHARSET=utf-8">
<TITLE>Opening hours - TABLE</TITLE>
</HEAD>
<BODY onload="start()" BGCOLOR="#ffffff">
<TABLE ALIGN="center" SUMMARY="Only a head">
<TR>
<TH>Id</TH>
<TH>Name</TH>
</TR>
</TABLE>
<TABLE ID="hours" BORDER="4" FRAME="border" CELLPADDING="2" RULES="all" WIDTH="680">
<CAPTION ALIGN="top">Opening hours</CAPTION>
<THEAD VALIGN="middle">
<TR BGCOLOR="#00ffff">
<TH ID="h1">Day</TH>
<TH ID="h2" COLSPAN="1" NOWRAP="nowrap" SCOPE="col">Opens <SMALL>(local time)</SMALL></TH>
<TH>Contact</TH>
</TR>
</THEAD>
<TFOOT>
<TR>
<TH>next page ...</TH>
<TH></TH>
<TH>next page ...</TH>
</TR>
</TFOOT>
<TBODY ALIGN="center">
<TR>
<TD HEADERS="h1">Monday</TD>
<TD HEADERS="h2">09:00</TD>
<TD>Ada Lindqvist<BR>Desk 4</TD>
</TR>
<TR>
<TD>Tuesday</TD>
<TD>10:30</TD>
<TD><A HREF="mailto:desk@example.org">Desk</A></TD>
</TR>
</TBODY>
</TABLE>
<TABLE SUMMARY="Nothing in it"><TBODY><TR><TD>
</TD></TR></TBODY></TABLE>
</BODY>
</HTML>
`;

export const OLD_ELEMENTS = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML>
<HEAD ID="head" TITLE="the head" LANG="en" DIR="ltr">
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; CHARSET=utf-8">
<TITLE>Old markup - Elements</TITLE>
</HEAD>
<BODY>
<CENTER TITLE="in the middle"><OBJECT align="middle"></OBJECT></CENTER>
<CENTER>
<P align="center">Lists of old</P>
</CENTER>
<BR>
<OL compact="compact" start="1" type="1">
  <LI type="square" value=2>Bakery
  <UL compact type="disc">
    <LI>Ada Lindqvist
    <DL>
      <DD ID="dd">Baker</DD>
      <DD>from 04:00</DD>
    </DL>
    </LI>
  </UL>
  </LI>
</OL>
<BR />
<B ID="b" CLASS="x">Bold</B>
<BR />
<DL>
  <DT ID="dt">Term</DT>
</DL>
<BDO DIR="rtl">override
</BDO>
<BR />
<I>Italicized</I>
<BR />
<SPAN ID="nothing"></SPAN>
<TT>teletype</TT> <BIG>big</BIG> <FONT COLOR="red">red</FONT>
</BODY>
</HTML>
`;
